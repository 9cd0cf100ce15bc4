graphcli ops reluu
