"""What must not be shown or kept: finding credentials, and hiding them."""
