"""Papers: what a dossier's forms, notices and results say, and how a sheet is laid out."""
