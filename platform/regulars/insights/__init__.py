"""What a business learns of itself: facts of each day kept by the acts, and figures, reports and charts from them."""
