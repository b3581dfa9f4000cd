"""What makes tables, pictures and pages that are kept in the repository."""
