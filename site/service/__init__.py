"""What programs are answered: addresses that can be cached, errors that explain themselves, dossiers, reconciliation, downloads."""
