"""The negotiation as something to hold: stop it, step it, break it, watch it, and check what was learnt."""
