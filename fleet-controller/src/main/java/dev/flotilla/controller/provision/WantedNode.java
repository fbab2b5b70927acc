package dev.flotilla.controller.provision;

import dev.flotilla.vocabulary.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a machine should be. Its text names no content: there may be keys in it.
 *
 * @param root the folder there below which everything is installed; empty for the whole system
 * @param user as whom agent and mirror run
 * @param agentConfiguration the text of {@code agent.conf}
 * @param trustRoot the root of the fleet's trust
 * @param environment what the agent finds in its environment; where absent, what is there already stays
 * @param certificate of the mirror, with its chain and its key in one file of PEM; where absent, what is there already stays
 */
public record WantedNode(
        NodeArchive archive,
        String root,
        String user,
        String agentConfiguration,
        String trustRoot,
        Optional<String> environment,
        Optional<String> certificate) {
    /** The name of the file with the certificate and its key. */
    static final String CERTIFICATE = "tls.pem";

    /** The files that tell the node who it is, by their names in {@code etc/flotilla}. */
    Map<String, byte[]> files() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("agent.conf", agentConfiguration.getBytes(StandardCharsets.UTF_8));
        files.put("root.json", trustRoot.getBytes(StandardCharsets.UTF_8));
        environment.ifPresent(text -> files.put("agent.env", text.getBytes(StandardCharsets.UTF_8)));
        certificate.ifPresent(text -> files.put(CERTIFICATE, text.getBytes(StandardCharsets.US_ASCII)));
        return files;
    }

    Sha256 digest(String file) {
        return Sha256.of(Optional.ofNullable(files().get(file)).orElseThrow());
    }

    @Override
    public String toString() {
        return "node " + archive.id() + " below " + (root.isEmpty() ? "/" : root);
    }
}
