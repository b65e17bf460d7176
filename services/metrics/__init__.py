"""The count: what came in, what was done, and what of it in time; all of it can be counted again from the ledger."""
