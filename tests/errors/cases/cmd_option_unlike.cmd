graphcli run values.yaml --bogus
