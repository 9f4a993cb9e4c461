"""Sizing: from a workload to the machine, the storage, the pools and the replicas it needs."""
