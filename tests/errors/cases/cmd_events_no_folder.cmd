graphcli events ls log
