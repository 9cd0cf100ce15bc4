graphcli events ls ''
