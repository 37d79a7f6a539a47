"""The description of all calls: OpenAPI for programs (document.py), a page for people (readable.py).

A new route needs a row in the file here that is named after what it is about, and nothing else: its schemas
come from the structs that validate, its refusals from domain/refusals.py. Tests compare the rows with the
routes, and every reply that any test sees with its row.

Nothing of this runs in Lambda: write.py writes both into the package, web/http/describe.py hands them out.
"""
