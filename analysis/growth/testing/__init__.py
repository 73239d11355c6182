"""What a back-test is made of: origins, scores, widened bands, the rule that chooses."""
