"""What in the way the runs were done limits what can be said of them."""
