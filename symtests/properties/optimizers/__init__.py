"""OPT and STEP2: what an optimizer does with gradients."""
