graphcli run ../../../specs/summaries.yaml --fetch loss
