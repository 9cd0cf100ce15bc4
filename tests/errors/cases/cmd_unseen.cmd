graphcli nodes good.yaml --op "a‮b"
