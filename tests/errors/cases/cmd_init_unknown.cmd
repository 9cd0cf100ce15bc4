graphcli init lines
