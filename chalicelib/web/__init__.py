"""HTTP: routes, forms, replies and pages."""
