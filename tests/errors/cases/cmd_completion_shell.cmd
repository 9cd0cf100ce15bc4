graphcli completion cmd
