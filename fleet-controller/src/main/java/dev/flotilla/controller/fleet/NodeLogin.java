package dev.flotilla.controller.fleet;

import dev.flotilla.controller.ssh.PublicHostKey;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.util.Optional;

/**
 * What is another way to one node than to the others of the fleet.
 *
 * @param root the folder there below which everything is installed; empty for the whole system
 * @param host where its SSH server is, where that isn't the address of the node: an address or a name
 * @param hostKey the key that its SSH server has, where whoever made the machine has told; nobody has to be asked then
 * @param through the jump host on the way; an empty one inside: none
 */
public record NodeLogin(
        Optional<String> host,
        Optional<Integer> port,
        Optional<String> user,
        Optional<Boolean> sudo,
        String root,
        Optional<PublicHostKey> hostKey,
        Optional<Optional<JumpHost>> through) {
    static final NodeLogin USUAL = new NodeLogin(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            "",
            Optional.empty(),
            Optional.empty());

    static Setting<NodeLogin> read(Settings settings) {
        var host = settings.optional("host", text -> text);
        var port = settings.optional("port", NodeLogin::port);
        var user = settings.optional("user", SshSettings::user);
        var sudo = settings.optional("sudo", Settings::yesOrNo);
        var root = settings.optional("root", "", ProvisionSettings::root);
        var hostKey = settings.optional("host-key", PublicHostKey::parse);
        var through = settings.optional("through", JumpHost::parse);
        return settings.build(() -> new NodeLogin(
                host.get(), port.get(), user.get(), sudo.get(), root.get(), hostKey.get(), through.get()));
    }

    static int port(String text) {
        int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("'" + text + "' is no port: 1 to 65535");
        }
        return port;
    }
}
