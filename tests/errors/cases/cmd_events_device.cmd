graphcli events ls /dev/null
