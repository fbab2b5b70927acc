# For the first boot of a machine with systemd that has the node's archive unpacked in /opt/flotilla-node, and in /opt/given what it is to be
# told of who it is. What the agent says can be read afterwards.
cp -Rp "$tree" opt/flotilla-node
install -D -m 600 -t opt/given "$folder"/agent.conf "$folder"/root.json "$folder"/agent.env
mkdir -p etc/systemd/system/flotilla-agent.service.d
cat > etc/systemd/system/flotilla-agent.service.d/50-log.conf <<END
[Service]
StandardOutput=append:/var/log/flotilla-agent.log
StandardError=append:/var/log/flotilla-agent.log
END
