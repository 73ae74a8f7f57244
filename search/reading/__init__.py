"""Reading what somebody typed: operators and filters, mistyped words, what was probably meant."""
