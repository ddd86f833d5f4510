"""What the base domain answers: the public site, sign-up, and the door from it into a new business."""
