"""What every widget is made of: a base, controls, and the explorer that shows them."""
