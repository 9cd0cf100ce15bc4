graphcli run ../../../specs/line.yaml --fetch w --eager --profile trace.json
