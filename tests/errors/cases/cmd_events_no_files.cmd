graphcli events ls labels
