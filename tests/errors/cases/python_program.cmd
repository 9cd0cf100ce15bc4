graphcli info program.py
