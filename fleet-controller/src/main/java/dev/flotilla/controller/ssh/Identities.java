package dev.flotilla.controller.ssh;

import com.jcraft.jsch.AgentIdentityRepository;
import com.jcraft.jsch.AgentProxyException;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.SSHAgentConnector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The keys by which people show who they are.
 *
 * @param files private keys without a passphrase, each with its certificate ({@code NAME-cert.pub}) where there is one
 * @param agent the socket of an SSH agent, whose keys are tried, too
 */
public record Identities(List<Path> files, Optional<Path> agent) {
    private static final List<String> USUAL = List.of("id_ed25519", "id_ecdsa", "id_rsa");

    public Identities {
        files = List.copyOf(files);
    }

    /** Just these files; without any, what {@code ssh} itself would try: the agent, and the usual files. */
    public static Identities of(List<Path> files, Path home, Optional<Path> agent) {
        if (!files.isEmpty()) {
            return new Identities(files, Optional.empty());
        }
        return new Identities(
                USUAL.stream()
                        .map(home.resolve(".ssh")::resolve)
                        .filter(Files::isReadable)
                        .toList(),
                agent.filter(Files::exists));
    }

    /** Gives them to the library; {@link IOException} says which of them can't be used. */
    void offerBy(JSch library) throws IOException {
        if (agent.isPresent()) {
            try {
                library.setIdentityRepository(new AgentIdentityRepository(new SSHAgentConnector(agent.get())));
            } catch (AgentProxyException unusable) {
                throw new IOException("the SSH agent at " + agent.get() + " can't be used: " + unusable, unusable);
            }
        }
        for (Path file : files) {
            try {
                library.addIdentity(file.toString());
                Path certificate = file.resolveSibling(file.getFileName() + "-cert.pub");
                if (Files.isReadable(certificate)) {
                    library.addIdentity(file.toString(), certificate.toString(), null);
                }
            } catch (JSchException unusable) {
                throw new IOException("the SSH key " + file + " can't be used: " + unusable.getMessage(), unusable);
            }
        }
    }
}
