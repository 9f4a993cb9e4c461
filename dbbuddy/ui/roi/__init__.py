"""What the ROI page is made of: the result, what it would take, the assumptions, the baseline; and the grading of answers."""
