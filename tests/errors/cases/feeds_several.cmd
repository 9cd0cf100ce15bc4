graphcli run feeds_several.yaml --fetch out --feeds feeds_several.json
