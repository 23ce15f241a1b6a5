"""The pipeline: what public sources say, validated, consolidated and published; one module per stage."""
