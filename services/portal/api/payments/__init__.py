"""Routes of payments, for applicants, banks and the Treasury."""
