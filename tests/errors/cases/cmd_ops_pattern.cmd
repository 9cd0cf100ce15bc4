graphcli ops 'zz*'
