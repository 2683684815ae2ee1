"""Who does each kind of dead letter again: the ports of `gwf.letters` paired with the areas."""
