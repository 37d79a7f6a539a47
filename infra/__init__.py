"""How Turnout is built, deployed and run on one's own machine."""
