"""What stands in for hardware that a test's machine has not."""
