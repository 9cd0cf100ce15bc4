graphcli run ../../../specs/summaries.yaml --fetch training
