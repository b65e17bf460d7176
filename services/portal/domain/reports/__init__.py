"""What the official report, the online services and the scores say."""
