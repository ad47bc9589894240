"""A region of any size in little time: told stories are copied in bulk, each with ids, names and numbers of its own.

- ``reading`` takes the rows of the told stories out of the database, as the binary form of COPY writes them;
- ``planning`` finds which rows make one story, and says how often each is copied and who works in each copy;
- ``identities`` invents names and artificial identity codes; ``tiling`` prints a row's copies in one piece;
- ``journal`` links the copies of the journal's events into its chains; ``loading`` brings everything in.

What the copies must be like the operations' own rows in, a test says table by table.
"""
