"""What the site shows, and how: pages made from the schemas alone, in two languages, without a script or a cookie."""
