"""What ``silta bench`` measures, on scratch regions of its own.

- ``scratch`` makes the regions, refuses every other database, and says which one the process works on;
- ``pages`` lists what is asked for, by whom; ``timing`` asks round by round and holds the answers to their bars;
- ``plans`` reads the plans the server keeps for a page's queries, and how much a page read; ``reporting`` prints;
- ``load`` starts the production server and lets many users loose on it, who do as ``crowd`` says;
- ``figures`` takes the extract and counts the indicators beside hand-written SQL.
"""
