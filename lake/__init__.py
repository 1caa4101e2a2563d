"""The contract between the rooms: who we are, where data lies, and what shape it has."""
