package dev.flotilla.mirror.configuration;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the agent that started this mirror gives it beside the configuration, which is the same for every process of a
 * release: a folder in which the wish that clients go elsewhere outlives the mirror, its agent and a replacement, a token for
 * purges, the verified indexes of wheels, and a socket at which requests for those are signed.
 *
 * @param folder absent where nobody keeps this mirror
 */
public record Keeper(Optional<Path> folder) {
    /** Names the folder in a mirror's environment. */
    static final String VARIABLE = "FLOTILLA_MIRROR_KEEPER";

    private static final List<String> DRAINED = List.of("drained-by-node", "drained-by-fleet");
    private static final String TOKEN = "token";
    private static final String WHEELS = "wheels";
    private static final String SIGNER = "signer";

    public static final Keeper NONE = new Keeper(Optional.empty());

    /** As the environment says; what is no absolute path is nobody. */
    public static Keeper in(Map<String, String> environment) {
        try {
            return new Keeper(
                    Optional.ofNullable(environment.get(VARIABLE)).map(Path::of).filter(Path::isAbsolute));
        } catch (InvalidPathException nonsense) {
            return NONE;
        }
    }

    /** Whether clients are to go elsewhere: there is one of two files, since two may want it. Blocks. */
    public boolean wantsDrain() {
        return folder.filter(home -> DRAINED.stream().anyMatch(name -> Files.exists(home.resolve(name))))
                .isPresent();
    }

    /** The folder in which the keeper places indexes of wheels, whether or not it is there yet. */
    public Optional<Path> wheels() {
        return folder.map(home -> home.resolve(WHEELS));
    }

    /** The socket at which the keeper signs requests for wheels while it runs. */
    public Optional<Path> signer() {
        return folder.map(home -> home.resolve(SIGNER));
    }

    /** Where the token is that the keeper knows. */
    public Optional<TokenFile> token() {
        return folder.map(home -> new TokenFile(home.resolve(TOKEN)));
    }
}
