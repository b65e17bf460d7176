"""The work: dossiers' lifecycle, deadlines and clocks; the only service that decides a dossier's status."""
