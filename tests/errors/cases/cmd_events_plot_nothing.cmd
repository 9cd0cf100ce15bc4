graphcli events plot logs/text_only
