# For the first boot of a machine that has nothing but an SSH server: the key that it shows, and whom it lets in.
install -D -m 600 "$folder/host_key" etc/ssh/machine_host_key
install -D -m 644 "$folder/authorized_keys" etc/ssh/machine_authorized_keys
cat > etc/ssh/machine.conf <<END
Port 22
HostKey /etc/ssh/machine_host_key
PidFile none
AuthorizedKeysFile /etc/ssh/machine_authorized_keys
PermitRootLogin yes
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
END
mkdir -p etc/systemd/system/multi-user.target.wants
# Where systemd runs, it keeps a journal.
rm -f etc/systemd/system/systemd-journald.service etc/systemd/system/systemd-journald.socket etc/systemd/system/systemd-journald-dev-log.socket
cat > etc/systemd/system/machine-sshd.service <<END
[Unit]
Description=The only thing that runs on this machine
[Service]
ExecStart=/usr/sbin/sshd -D -e -f /etc/ssh/machine.conf
RuntimeDirectory=sshd
KillMode=process
END
ln -s ../machine-sshd.service etc/systemd/system/multi-user.target.wants/
