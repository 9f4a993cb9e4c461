"""Capacity: history in; projection, wall, sizing, cost and roadmap out."""
