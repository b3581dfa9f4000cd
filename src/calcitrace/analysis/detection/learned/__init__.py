"""What boosted trees believe of bright blocks and of components."""
