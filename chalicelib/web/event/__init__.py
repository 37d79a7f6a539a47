"""An event as anybody sees it: what both programs and pages show. No routes."""
