"""The gate (門崗): verifies passes with the network down, writes first, opens then, merges later.

A process of its own with a journal of its own (`python -m controller gate`); it never touches the
controller's database. What it cannot guarantee: two gates that are cut off from each other can each
let the same code in once. Both scans are kept, and the desk gets them to clear up.
"""
