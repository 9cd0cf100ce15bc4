"""TensorBoard's event files: written as things happen, read back without TensorBoard.

    events.out.tfevents.<seconds>.<host>     records (wire/records.py) of Event messages (wire/events.py)

A folder that holds such files is a run; runs may lie in folders of one logdir.
"""
