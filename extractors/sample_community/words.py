"""What the people of the sample community say: sentences grown from a small grammar of topics.

Nothing here knows who speaks or when; every function takes the dice and what the talk is about.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

Choice = TypeVar("Choice")


class Dice:
    """Chance that falls the same way in every process and Python: built on `random()` alone."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random  # noqa: S311 - a made-up community, not a secret

    def chance(self, probability: float) -> bool:
        return self._random() < probability

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self._random()

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._random() * (high - low + 1))

    def pick(self, choices: Sequence[Choice]) -> Choice:
        return choices[int(self._random() * len(choices))]

    def weighted(self, weights: Sequence[tuple[Choice, float]]) -> Choice:
        total = 0.0
        for _, weight in weights:  # not sum(): since Python 3.12 it rounds floats differently
            total += weight
        left = self._random() * total
        for choice, weight in weights:
            left -= weight
            if left < 0:
                return choice
        return weights[-1][0]

    def wait(self, mean: float) -> float:
        """An exponential waiting time."""
        return -mean * math.log(1.0 - self._random())

    def around(self, median: float, spread: float) -> float:
        """A log-normal amount with this median."""
        angle = 2.0 * math.pi * self._random()
        normal = math.sqrt(-2.0 * math.log(1.0 - self._random())) * math.cos(angle)
        return median * math.exp(spread * normal)


@dataclass(frozen=True)
class Topic:
    """Something people of this community talk about, in one language."""

    name: str
    things: tuple[str, ...]
    symptoms: tuple[str, ...]
    advice: tuple[str, ...]
    is_ours_to_solve: bool = False


@dataclass(frozen=True)
class Matter:
    """What one conversation is about."""

    language: str
    topic: Topic
    thing: str
    symptom: str

    def say(self, dice: Dice, patterns: Sequence[str], name: str = "") -> str:
        """One of the patterns, filled with this matter."""
        return dice.pick(patterns).format(
            thing=self.thing,
            symptom=self.symptom,
            name=name,
            number=dice.whole(2, 90),
            order=dice.whole(100_000, 999_999),
        )


@dataclass(frozen=True)
class Tongue:
    """How the kinds of sentences sound in one language."""

    topics: tuple[Topic, ...]
    questions: tuple[str, ...]
    additions: tuple[str, ...]
    follow_ups: tuple[str, ...]
    greetings: tuple[str, ...]
    late_greetings: tuple[str, ...]
    references: tuple[str, ...]
    steps: tuple[str, ...]
    closings: tuple[str, ...]
    automatic: tuple[str, ...]
    peer_openings: tuple[str, ...]
    peer_advice: tuple[str, ...]
    peer_closings: tuple[str, ...]
    stories: tuple[str, ...]
    comments: tuple[str, ...]
    chats: tuple[str, ...]
    edits: tuple[str, ...]
    thanks: tuple[str, ...]
    thanks_by_name: tuple[str, ...]
    welcomes: tuple[str, ...]


ENGLISH = Tongue(
    topics=(
        Topic(
            "telescopes",
            ("Orion 8", "Lyra 130 telescope", "Vega 90 refractor", "club telescope", "Dobson 10"),
            (
                "it loses alignment after ten minutes",
                "the image stays soft at high power",
                "it drifts east whenever I track Jupiter",
                "the focuser slips as soon as the camera is on",
                "bright stars look like little triangles",
                "the hand controller freezes halfway through alignment",
            ),
            (
                "loosen the three collimation screws a quarter turn and start again on Vega",
                "let the mirror cool outside for an hour before you judge the image",
                "check that the tripod legs are not touching the mount head",
                "set the time zone without summer time, the controller adds it by itself",
                "pick two alignment stars that are at least sixty degrees apart",
                "tighten the small grub screw below the focuser before a heavy camera goes on",
                "balance the tube with the dew shield on, it moves the centre of mass a lot",
            ),
        ),
        Topic(
            "microscopes",
            (
                "B200 microscope",
                "B300",
                "stereo microscope",
                "student microscope",
                "lab microscope",
            ),
            (
                "one half of the field is darker than the other",
                "the coarse knob sinks on its own",
                "I cannot get both eyes in focus at once",
                "there is a grey ring around every cell",
                "the lamp flickers below half power",
                "the objective touches the slide before anything is sharp",
            ),
            (
                "open the condenser diaphragm fully and centre it with the two silver screws",
                "turn the tension collar under the left knob, it takes very little force",
                "set the right eyepiece first with the left eye closed",
                "clean the front lens with one drop of isopropyl and a fresh tissue",
                "swap the lamp cable with the one from the camera port for a test",
                "use a thinner cover slip, this objective is corrected for 0.17 mm",
                "raise the stage stop by one turn, it was set low at the factory",
            ),
        ),
        Topic(
            "repair",
            (
                "bench multimeter",
                "portable spectrometer",
                "rangefinder",
                "hygrometer",
                "sound meter",
            ),
            (
                "it came back from service with the same fault",
                "it shows error E14 after the self test",
                "the battery door broke when I opened it",
                "the display lost two rows of pixels",
                "it only starts when it is warm",
                "a spring fell out and I do not know where it belongs",
            ),
            (
                "hold the menu key while you switch it on and read me the second line",
                "the part costs little and two clips hold it, no soldering needed",
                "send us a picture of the board near the white connector",
                "the workshop in Girona keeps that spring, I can put one in an envelope",
                "run it for an hour on mains power and note when the error returns",
                "please do not open the sealed half, the alignment would be gone",
                "I asked our technician Pablo and he has seen it with one early batch",
            ),
        ),
        Topic(
            "shipping",
            ("tripod parcel", "replacement lens", "second box", "spare belt", "returned filter"),
            (
                "it has been sitting in customs since Tuesday",
                "the tracking page has not moved for five days",
                "it was left with a neighbour I have never met",
                "the carrier says the street does not exist",
                "the box arrived open and one cable was gone",
                "the invoice shows a different address from mine",
            ),
            (
                "I called the depot in Zaragoza and they have it on the shelf by the door",
                "customs wants the invoice in English, I mailed it to them a minute ago",
                "a second one leaves our store this afternoon, keep the first if it turns up",
                "the carrier will ring before noon, the gate code is on the label now",
                "I changed the address in your account and in the next two labels",
                "photograph the tape on the box please, the carrier pays for that kind of damage",
                "we will refund the express fee, it clearly was not express",
            ),
            is_ours_to_solve=True,
        ),
        Topic(
            "calibration",
            ("pH meter", "lab balance", "torque gauge", "light meter", "thermal camera"),
            (
                "it reads two percent high after the warm-up",
                "the last digit never settles",
                "the certificate names another serial number",
                "it disagrees with our reference by half a degree",
                "the offset comes back every Monday",
                "it refuses to save the second point",
            ),
            (
                "do the two-point routine with fresh references and wait for the small triangle",
                "level it on the stone table, the feet of a lab bench bend with the season",
                "I had the certificate printed again with the right serial number",
                "give it ninety minutes under power before the first reading of the week",
                "keep it away from the window, sunlight alone moves it that far",
                "clean the contacts with a dry brush and try again tomorrow morning",
                "compare at three temperatures, then we can tell drift from offset",
            ),
        ),
        Topic(
            "software",
            (
                "capture software",
                "guiding software",
                "live view app",
                "star map app",
                "recording tool",
            ),
            (
                "it closes without a word when I press record",
                "it no longer sees the camera on my second port",
                "the colours of exported frames are swapped",
                "the update stops at sixty percent",
                "it asks for a licence I already entered",
                "the night mode is white for a second at start",
            ),
            (
                "rename the settings folder and start it once without a camera",
                "install the driver first and plug the cable in only afterwards",
                "choose RGGB in the third tab, the default was wrong for your sensor",
                "use a short cable for the update and leave the screen on",
                "I reset your licence so the same key works again",
                "the build of last night has the fix, it is under previews",
                "turn off the preview window, it fights with the recorder for memory",
            ),
        ),
        Topic(
            "accessories",
            ("carbon tripod", "solar filter", "dew heater", "camera adapter", "travel case"),
            (
                "it does not fit the older tube",
                "the thread feels rough after two turns",
                "one strap is much shorter than the other",
                "it rattles whenever I turn it over",
                "the foam around it smells of glue",
                "there is a deep scratch right at the edge",
            ),
            (
                "you need the 52 mm ring, it lies under the foam in the lid",
                "send it back as it is, we replace it today and pay the way",
                "a little dry graphite on the thread does wonders",
                "shake the loose screw out through the small hole, it is only a spare",
                "leave everything open in the garage for a weekend",
                "the older tube takes the adapter with the blue mark",
                "swap left and right strap, the manual shows them the wrong way round",
            ),
        ),
        Topic(
            "classroom",
            ("classroom kit", "school telescope", "loan microscope", "lens set", "weather station"),
            (
                "my pupils broke two holders in the first hour",
                "the guide skips from page eight to page eleven",
                "the loan ends a week before our open day",
                "half the parts carry no label",
                "it sends nothing over the school network",
                "thirty children want to use it at the same time",
            ),
            (
                "keep it until the open day is over, I extended the loan",
                "I sent the missing pages to your school as a file and on paper",
                "we have wooden holders that survive a class, four are on the way",
                "let them draw what they see in pairs, then the queue becomes part of the lesson",
                "ask the school to open port 8883, nothing else is needed",
                "the labels are printed on the inner side of the lid, we know it is odd",
                "begin outside with whatever moves, that always wins the class over",
            ),
        ),
    ),
    questions=(
        "My {thing} gives me trouble: {symptom}. What should I check first?",
        "Has anybody seen this with the {thing}? All of a sudden {symptom}.",
        "I read the manual twice and still {symptom}. Is my {thing} faulty?",
        "Quick one about the {thing}: {symptom}. Is that normal or should I worry?",
        "Could somebody help me with the {thing} please? Every single time {symptom}.",
        "I bought the {thing} {number} days ago and {symptom}. How do I get it right?",
        "Is there a trick for the {thing}? For me {symptom}, whatever I try.",
        "We use the {thing} every day at work and now {symptom}. Can it be repaired here?",
        "Before I send the {thing} back I wanted to ask: {symptom}. Do you know why?",
        "Order {order}, the {thing}: {symptom}. Who can look into it?",
    ),
    additions=(
        "I should add that it only happens in the evening, when it gets cold outside.",
        "One more detail about the {thing}: its serial number ends in {number}, if that helps.",
        "Here is what I tried so far: new batteries, another cable and a full reset of everything.",
        "Sorry for writing again, I forgot to say that I am on the latest version already.",
        "And to be clear, I did not drop the {thing}, it has lived on my desk all the time.",
        "I made a short film of it, shall I upload that somewhere for you?",
        "Is anybody there? I would really like to use the {thing} this weekend.",
    ),
    follow_ups=(
        "I did exactly that with the {thing} and {symptom} all the same. What comes next?",
        "That helped halfway. Do I have to repeat it each time I take the {thing} out?",
        "Good to know. Would the same work for the older {thing} of my sister?",
        "And what if it comes back after {number} days, is that still under warranty?",
        "Where exactly do I find that on the {thing}? I only see a black cover.",
        "I am not sure I understand the second step, could you say it in other words?",
        "Sorry, but that does not answer my question about the {thing}. Could you read it again?",
    ),
    greetings=("Hi {name},", "Hello {name},", "Dear {name},", "Good morning {name},", "{name},"),
    late_greetings=(
        "Hi {name}, I am sorry that this took me so long,",
        "Hello {name}, you waited far too long for this,",
        "{name}, I only find your message today, sorry,",
    ),
    references=(
        "you write that {symptom}, and that sounds familiar.",
        "a {thing} should not do that.",
        "when {symptom} it is nearly always the same small thing.",
        "I had my own {thing} on the table while reading your message.",
        "what you describe about the {thing} surprised all of us here.",
        "I think I know why {symptom}.",
        "{symptom}? Then I would begin with the simplest cause.",
        "we built {number} of these in that week and yours is one of them.",
        "your description of the {thing} was so clear that I could repeat it.",
    ),
    steps=(
        "If it is still there tomorrow, write to me again and we will look together.",
        "After that, wait ten minutes before you touch the {thing} again.",
        "Should nothing change, I will send you another {thing} and you keep the case.",
        "It took me {number} minutes the first time, so do not lose patience.",
        "There is a drawing on page {number} of the manual that shows it better than words.",
        "I tried it here on two of them and it held for the whole afternoon.",
        "Your idea with the reset was good, it just has to come last.",
        "My colleague next door had the same {thing} in his hands this morning.",
        "Do it in daylight the first time, the screws are tiny.",
    ),
    closings=(
        "Tell me how it goes!",
        "I am curious what you find.",
        "A photo would help me if it does not work.",
        "I keep your note on my desk until it is solved.",
        "Have fun with it tonight, the sky should be clear.",
        "Greetings from a rainy workshop.",
        "Ring me at the desk if you prefer talking.",
        "And say hello to your club from us.",
        "You did nothing wrong, by the way.",
    ),
    automatic=(
        "Hello {name}, I am Acme Helper, a bot. I found {number} articles about the {thing}. "
        "A colleague will read your message too.",
        "Hello {name}, this is an automatic message. Our team answers Monday to Friday. "
        "Maybe the guide about the {thing} helps in the meantime.",
    ),
    peer_openings=(
        "I had that with my {thing} last winter,",
        "Same story here, {name}, and for me this worked:",
        "Not from Acme, just a user:",
        "{name}, try this:",
        "An old trick from our club:",
        "My brother solved it like this:",
        "I can tell you what I would do,",
    ),
    peer_advice=(
        "switch it off for a night and begin from the start",
        "do nothing for {number} hours, mine went well again by itself",
        "film it and count the seconds, that told me more than the manual",
        "ask for the people in the workshop, they know it by heart",
        "compare it with a second one before you change anything",
        "write down what you did last, it is nearly always that",
    ),
    peer_closings=(
        "It cost me a whole evening to find out.",
        "No guarantee, but it worked twice.",
        "Let us know if that was it.",
        "Otherwise bring it to our meeting on Friday.",
        "I have a spare one if you want to compare.",
        "Took {number} minutes.",
    ),
    stories=(
        "Last night we took the {thing} up the hill and {number} people saw the rings of Saturn.",
        "A year with the {thing}: what I learned, what broke, and why I would choose it again.",
        "My daughter drew a picture of the {thing}, and I want to share it with all of you.",
        "Our club repaired a {thing} that somebody had thrown away, here is how we did it.",
        "I compared the {thing} with an older one for {number} evenings, these are my notes.",
        "Clouds for two weeks, so I took the {thing} apart and cleaned every single piece of it.",
    ),
    comments=(
        "I would love to see how the {thing} was made, is there a longer film?",
        "We had one of those at school and everybody wanted to have a turn with it.",
        "When will the {thing} be in the shop again, does anybody here know?",
        "Nice pictures, but please talk about the price of spare parts for once.",
        "I took mine to the mountains last weekend and it did not let me down.",
        "Is it true that you are going to stop making the {thing} next year?",
        "This is exactly what our little group of {number} people was waiting for.",
        "It looks beautiful, and still {symptom} on mine, so please fix that first.",
    ),
    chats=(
        "did you get the {thing} to work in the end?",
        "we meet on Friday at eight, bring the {thing} if you can",
        "same here, clouds again",
        "the seeing was great around two in the morning",
        "I can lend you mine until Sunday",
        "ha, that happened to me {number} times already",
        "what eyepiece did you use for that picture?",
        "look at the new sunspot group if you get the chance",
        "my {thing} is finally back from the workshop",
        "shall we drive together?",
        "no, the other one, with the blue mark",
    ),
    edits=(
        "(Edit: it is the {number} mm version.)",
        "(Edit: corrected a typing error.)",
        "(Edit: added the year, I have it since 2021.)",
        "(Edit: the cable is fine, I tried another one meanwhile.)",
    ),
    thanks=(
        "Thanks!",
        "Thanks a lot!",
        "Thank you!",
        "Thank you so much!",
        "Perfect, thanks!",
        "Great, thank you very much!",
        "Many thanks and goodbye!",
        "Thank you, bye!",
    ),
    thanks_by_name=("Thanks, {name}!", "Thank you so much, {name}!", "Perfect, thank you {name}!"),
    welcomes=(
        "With pleasure, {name}, that is what we are here for.",
        "You are welcome, {name}, and enjoy the {thing}!",
        "Glad that the {thing} does what it should again, {name}.",
    ),
)

SPANISH = Tongue(
    topics=(
        Topic(
            "telescopes",
            ("telescopio Orion 8", "telescopio Lyra 130", "ocular de 25 mm", "buscador"),
            (
                "pierde la alineación a los diez minutos",
                "la imagen sale borrosa con mucho aumento",
                "el enfocador resbala con la cámara puesta",
                "las estrellas parecen triángulos",
            ),
            (
                "afloja un cuarto de vuelta los tres tornillos de colimación y empieza con Vega",
                "deja el espejo una hora al aire libre antes de mirar",
                "elige dos estrellas de alineación bien separadas en el cielo",
                "aprieta el tornillo pequeño que está debajo del enfocador",
                "quita el horario de verano, el mando lo suma por su cuenta",
            ),
        ),
        Topic(
            "shipping",
            ("paquete del trípode", "objetivo de repuesto", "filtro devuelto", "envío urgente"),
            (
                "lleva desde el martes parado en la aduana",
                "el seguimiento no se mueve desde hace cinco días",
                "el transportista dice que la calle no existe",
                "la caja llegó abierta y faltaba un cable",
            ),
            (
                "he llamado al almacén de Zaragoza y lo tienen en la estantería de la entrada",
                "la aduana quería la factura en inglés y se la acabo de enviar",
                "esta tarde sale otro de nuestra tienda, quédate con el primero si aparece",
                "he corregido la dirección en tu cuenta y en la etiqueta",
                "hazle una foto a la cinta de la caja, ese daño lo paga el transportista",
            ),
            is_ours_to_solve=True,
        ),
        Topic(
            "repair",
            ("microscopio B200", "multímetro de banco", "espectrómetro", "higrómetro"),
            (
                "volvió del taller con el mismo fallo",
                "muestra el error E14 después de la prueba",
                "solo arranca cuando está caliente",
                "la pantalla ha perdido dos filas",
            ),
            (
                "mantén pulsada la tecla de menú al encenderlo y léeme la segunda línea",
                "la pieza cuesta poco y va con dos clips, no hay que soldar nada",
                "mándanos una foto de la placa cerca del conector blanco",
                "déjalo una hora enchufado y apunta cuándo vuelve el error",
                "no abras la mitad sellada, por favor, perderías el ajuste",
            ),
        ),
    ),
    questions=(
        "Hola, tengo un problema con mi {thing}: {symptom}. ¿Qué puedo mirar primero?",
        "¿A alguien más le pasa con su {thing}? Ahora resulta que {symptom}.",
        "He leído el manual dos veces y {symptom}. ¿Está defectuoso mi {thing}?",
        "Compré mi {thing} hace {number} días y {symptom}. ¿Cómo lo arreglo?",
        "Pedido {order}, {thing}: {symptom}. ¿Quién me puede ayudar?",
    ),
    additions=(
        "Se me olvidó decir que solo pasa por la noche, cuando hace frío fuera de casa.",
        "He probado con pilas nuevas, con otro cable y también con un reinicio completo.",
        "¿Hay alguien por ahí? Me gustaría usarlo este fin de semana.",
    ),
    follow_ups=(
        "He hecho justo eso y {symptom} igual que antes. ¿Qué más puedo probar?",
        "Eso ayudó a medias. ¿Tengo que repetirlo cada vez que lo saco?",
        "¿Y si vuelve a pasar dentro de {number} días, sigue en garantía?",
    ),
    greetings=("Hola {name},", "Buenos días {name},", "Querida comunidad y sobre todo {name},"),
    late_greetings=("Hola {name}, perdona que haya tardado tanto,",),
    references=(
        "cuentas que {symptom}, y eso me suena.",
        "un {thing} no debería hacer eso.",
        "creo que sé por qué {symptom}.",
        "tenía mi propio {thing} en la mesa mientras leía tu mensaje.",
        "tu descripción es tan clara que lo he podido repetir aquí.",
        "cuando {symptom}, casi siempre es el mismo detalle.",
        "me ha sorprendido lo que cuentas de tu {thing}.",
        "¿dices que {symptom}? Entonces empezaría por lo más sencillo.",
    ),
    steps=(
        "Si mañana sigue igual, escríbeme y lo miramos juntos.",
        "En la página {number} del manual hay un dibujo que lo explica mejor que yo.",
        "Lo he probado aquí con dos y aguantó toda la tarde.",
        "La primera vez tardé {number} minutos, así que ten paciencia.",
        "Tu idea del reinicio era buena, solo que va al final.",
        "Después espera diez minutos antes de volver a tocarlo.",
        "Hazlo la primera vez con luz de día, los tornillos son diminutos.",
        "Si no cambia nada, te mando otro {thing} y te quedas con la funda.",
    ),
    closings=(
        "¡Cuéntame cómo va!",
        "Tengo curiosidad por saber qué encuentras.",
        "Que lo disfrutes esta noche.",
        "Un saludo desde el taller.",
        "Si prefieres hablarlo, llámame a la mesa.",
        "Saluda a tu club de nuestra parte.",
        "Y que conste que no hiciste nada mal.",
    ),
    automatic=(
        "Hola {name}, soy Acme Helper, un bot. He encontrado {number} artículos sobre {thing}. "
        "Una persona leerá también tu mensaje.",
    ),
    peer_openings=(
        "A mí me pasó con mi {thing} el invierno pasado,",
        "No soy de Acme, solo usuario:",
        "{name}, prueba esto:",
        "Un truco viejo de nuestro club:",
    ),
    peer_advice=(
        "apágalo una noche y empieza desde el principio",
        "apunta qué fue lo último que hiciste, casi siempre es eso",
        "pregunta por la gente del taller, se lo saben de memoria",
        "espera {number} horas, a mí se me arregló solo",
    ),
    peer_closings=(
        "A mí me costó una tarde entera.",
        "Sin garantía, pero a mí me funcionó.",
        "Ya nos dirás si era eso.",
    ),
    stories=(
        "Anoche subimos mi {thing} al monte y {number} personas vimos los anillos de Saturno.",
        "Un año con mi {thing}: lo que aprendí, lo que se rompió y por qué lo volvería a elegir.",
    ),
    comments=(
        "¿Cuándo volverá a estar en la tienda? Llevo meses esperando.",
        "En el colegio teníamos uno parecido y todos queríamos mirar a la vez por él.",
        "Muy bonito, pero hablad alguna vez del precio de los recambios, por favor os lo pido.",
    ),
    chats=(
        "¿al final te funciona?",
        "quedamos el viernes a las ocho, trae el {thing} si puedes",
        "aquí igual, otra vez nubes",
        "te presto el mío hasta el domingo",
        "¿qué ocular usaste para esa foto?",
    ),
    edits=("(Edito: es la versión de {number} mm.)", "(Edito: corregida una errata.)"),
    thanks=("¡Gracias!", "Gracias!", "¡Muchas gracias!", "Perfecto, gracias!", "Gracias, adiós!"),
    thanks_by_name=("¡Muchas gracias, {name}!", "Gracias, {name}!"),
    welcomes=("De nada, {name}, para eso estamos.", "Un placer, {name}, disfruta de tu {thing}."),
)

GERMAN = Tongue(
    topics=(
        Topic(
            "telescopes",
            ("Teleskop Orion 8", "Teleskop Lyra 130", "Okular", "Stativ"),
            (
                "nach zehn Minuten stimmt die Ausrichtung nicht mehr",
                "das Bild bleibt bei hoher Vergrößerung weich",
                "mit Kamera rutscht der Auszug durch",
                "helle Sterne sehen wie kleine Dreiecke aus",
            ),
            (
                "löse die drei Justierschrauben um eine Vierteldrehung und beginne bei Wega",
                "lass den Spiegel eine Stunde draußen auskühlen",
                "nimm zwei Sterne, die am Himmel weit auseinander stehen",
                "zieh die kleine Madenschraube unter dem Auszug fest",
                "stell die Sommerzeit ab, die Steuerung rechnet sie selbst dazu",
            ),
        ),
        Topic(
            "shipping",
            ("Paket mit dem Stativ", "Ersatzobjektiv", "Päckchen mit dem Filter", "zweite Paket"),
            (
                "seit Dienstag hängt es beim Zoll",
                "die Sendungsverfolgung steht seit fünf Tagen still",
                "laut Fahrer gibt es die Straße nicht",
                "der Karton kam offen an und ein Kabel fehlte",
            ),
            (
                "im Lager in Zaragoza liegt es gleich neben der Tür, ich habe dort angerufen",
                "der Zoll wollte die Rechnung auf Englisch, sie ist eben hinausgegangen",
                "heute Nachmittag geht ein zweites hinaus, behalte das erste, falls es auftaucht",
                "die Adresse ist in deinem Konto und auf dem Etikett berichtigt",
                "fotografiere bitte das Klebeband, so einen Schaden zahlt der Spediteur",
            ),
            is_ours_to_solve=True,
        ),
        Topic(
            "repair",
            ("Mikroskop B200", "Multimeter", "Spektrometer", "Hygrometer"),
            (
                "es kam mit demselben Fehler aus der Werkstatt zurück",
                "nach dem Selbsttest steht E14 in der Anzeige",
                "es startet nur noch, wenn es warm ist",
                "in der Anzeige fehlen zwei Zeilen",
            ),
            (
                "halte beim Einschalten die Menütaste und lies mir die zweite Zeile vor",
                "das Teil kostet wenig und sitzt in zwei Klammern, gelötet wird nichts",
                "schick uns ein Bild der Platine rund um den weißen Stecker",
                "lass es eine Stunde am Netz und schreib auf, wann der Fehler wiederkommt",
                "öffne bitte die versiegelte Hälfte nicht, sonst ist die Justage dahin",
            ),
        ),
    ),
    questions=(
        "Hallo, mein {thing} macht Ärger: {symptom}. Was soll ich zuerst prüfen?",
        "Kennt das jemand? Es geht um mein {thing}: {symptom}.",
        "Die Anleitung habe ich zweimal gelesen, und doch: {symptom}. Ist mein {thing} defekt?",
        "Mein {thing} ist {number} Tage alt, und {symptom}. Was kann ich tun?",
        "Bestellung {order}, mein {thing}: {symptom}. Wer kann sich das ansehen?",
    ),
    additions=(
        "Noch eine Kleinigkeit: es passiert nur am Abend, wenn es draußen richtig kalt wird.",
        "Neue Batterien, ein anderes Kabel und ein Neustart haben bisher leider nichts geändert.",
        "Ist jemand da? Am Wochenende würde ich es gern benutzen.",
    ),
    follow_ups=(
        "Genau das habe ich gemacht, und {symptom} wie zuvor. Was kommt als Nächstes?",
        "Das hat zur Hälfte geholfen. Muss ich es jedes Mal wiederholen?",
        "Und wenn es nach {number} Tagen wiederkommt, gilt dann noch die Garantie?",
    ),
    greetings=("Hallo {name},", "Guten Morgen {name},", "Liebe Grüße vorweg, {name},"),
    late_greetings=("Hallo {name}, es tut mir leid, dass du so lange gewartet hast,",),
    references=(
        "du schreibst, {symptom}, und das kommt mir bekannt vor.",
        "so etwas sollte mein {thing} auch nicht tun.",
        "wenn es heißt, {symptom}, ist es fast immer dieselbe Kleinigkeit.",
        "beim Lesen hatte ich selbst das {thing} vor mir auf dem Tisch.",
        "deine Beschreibung war so genau, dass ich es hier nachstellen konnte.",
        "dein Bericht über das {thing} hat uns alle überrascht.",
        "ich ahne, woran es liegt: {symptom}.",
        "mit der einfachsten Ursache würde ich beginnen.",
    ),
    steps=(
        "Wenn es morgen noch so ist, schreib mir, dann schauen wir gemeinsam.",
        "Auf Seite {number} der Anleitung zeigt das eine Zeichnung besser als ich.",
        "Hier hielt es mit zwei Geräten den ganzen Nachmittag.",
        "Beim ersten Mal habe ich {number} Minuten gebraucht, also Geduld.",
        "Dein Gedanke mit dem Neustart war gut, er gehört nur ans Ende.",
        "Warte danach zehn Minuten, bevor du es wieder anfasst.",
        "Mach es beim ersten Mal bei Tageslicht, die Schrauben sind winzig.",
        "Ändert sich nichts, bekommst du ein anderes {thing} von mir.",
    ),
    closings=(
        "Erzähl mir, wie es ausgeht!",
        "Ich bin gespannt, was du findest.",
        "Viel Freude damit heute Nacht.",
        "Grüße aus der Werkstatt.",
        "Ruf mich an, wenn du lieber sprichst.",
        "Grüß deinen Verein von uns.",
        "Falsch gemacht hast du übrigens nichts.",
    ),
    automatic=(
        "Hallo {name}, ich bin Acme Helper, ein Bot. Zum Thema {thing} gibt es {number} Artikel. "
        "Ein Mensch liest deine Nachricht ebenfalls.",
    ),
    peer_openings=(
        "Bei meinem {thing} war das letzten Winter auch so,",
        "Nicht von Acme, nur Nutzer:",
        "{name}, versuch das:",
        "Ein alter Kniff aus unserem Verein:",
    ),
    peer_advice=(
        "eine Nacht alles ausschalten und von vorn beginnen",
        "schreib auf, was du zuletzt gemacht hast, fast immer ist es das",
        "frag nach den Leuten in der Werkstatt, die kennen das auswendig",
        "warte {number} Stunden, bei mir ging es von selbst wieder",
    ),
    peer_closings=(
        "Mich hat das einen ganzen Abend gekostet.",
        "Ohne Gewähr, aber bei mir half es.",
        "Sag Bescheid, ob es das war.",
    ),
    stories=(
        "Gestern Nacht haben wir zu {number} Leuten die Ringe des Saturn gesehen, mit dem {thing}.",
        "Ein Jahr mit dem {thing}: was ich gelernt habe und warum ich es wieder nehmen würde.",
    ),
    comments=(
        "Wann gibt es das wieder im Laden? Ich warte seit Monaten.",
        "In der Schule hatten wir so eines, und alle wollten gleichzeitig einmal durchschauen.",
        "Sehr schön, aber redet doch bitte auch einmal über den Preis der Ersatzteile.",
    ),
    chats=(
        "läuft es jetzt bei dir?",
        "Freitag um acht, bring das {thing} mit, wenn du kannst",
        "hier auch, schon wieder Wolken",
        "bis Sonntag leihe ich dir meines",
        "welches Okular war das auf dem Bild?",
    ),
    edits=("(Nachtrag: es ist die Ausführung mit {number} mm.)", "(Nachtrag: Tippfehler behoben.)"),
    thanks=("Danke!", "Danke dir!", "Vielen Dank!", "Super, danke!", "Danke, tschüss!"),
    thanks_by_name=("Danke dir, {name}!", "Vielen Dank, {name}!"),
    welcomes=(
        "Gern geschehen, {name}, dafür sind wir da.",
        "Sehr gern, {name}, viel Freude damit.",
    ),
)

TONGUES = {"en": ENGLISH, "es": SPANISH, "de": GERMAN}

# What colleagues send from a drawer: the sentence is the same for everybody, name and numbers vary.
TEMPLATES = {
    "registered": (
        "en",
        "Hi {name}, thank you for reaching out to us! Your request has been registered under "
        "number {order}. Our team will look into it and get back to you as soon as possible.",
    ),
    "mailbox": (
        "en",
        "Hello {name}, we are sorry for the inconvenience. Please write to our service mailbox and "
        "mention case {order} so that a specialist can take care of it.",
    ),
    "restart": (
        "en",
        "Hi {name}, have you already tried to switch the device off and on again? In most cases a "
        "restart of {number} minutes solves the problem. Otherwise see our help pages.",
    ),
    "feedback": (
        "en",
        "Dear {name}, your feedback is very important to us. We have forwarded your message to the "
        "responsible department, reference {order}. We appreciate your patience.",
    ),
    "parcel": (
        "en",
        "Hello {name}, unfortunately our shipping partner is facing delays at the moment. Your "
        "order {order} will arrive within {number} working days. Thank you for your understanding.",
    ),
    "registered_es": (
        "es",
        "Hola {name}, muchas gracias por contactar con nosotros. Hemos registrado tu consulta con "
        "el número {order} y nuestro equipo te responderá lo antes posible.",
    ),
    "registered_de": (
        "de",
        "Hallo {name}, danke für deine Nachricht an uns. Deine Anfrage ist unter der Nummer "
        "{order} eingetragen und unser Team meldet sich so bald wie möglich bei dir.",
    ),
}

BRAND_POSTS = (
    "New in the workshop this week: the {thing}. What would you try with it first?",
    "Every {thing} spends {number} hours on this bench before it leaves us. Here is why.",
    "A reader sent us this view through the {thing}. We have looked at it all morning.",
    "Today only: {number} % off the {thing}. Use code STARS and order now!",
    "Question for you: what is the one thing you would change about the {thing}?",
    "Behind the scenes: Pablo has repaired the {thing} for nineteen years and still hums at work.",
    "We made a mistake with the {thing}, and this is how we put it right.",
)
VIRAL_POST = (
    "A farmer in Teruel pointed our smallest telescope at the Moon and her dog looked first. "
    "We gave the dog a telescope of its own. Whom would you give one to?"
)
CHECK_INS = (
    "{name}, some weeks ago we talked about your {thing}. How is it doing now?",
    "I thought of you this morning, {name}, because a {thing} like yours came in. All well?",
    "Hello {name}, did the {thing} survive the trip you told us about?",
)
CHECK_IN_REPLIES = (
    "How kind of you to ask, the {thing} has been working without a hitch since then.",
    "It is fine most of the time, although {symptom} when the weather turns damp.",
    "I sold the {thing} a while ago, which one would you choose in my place now?",
)
INTRODUCTIONS = (
    "@{a} meet @{b}: you both fight with the {thing}, and you live an hour apart.",
    "@{a}, I think @{b} solved exactly your problem with the {thing}. You should talk!",
    "May I introduce @{a} and @{b}? Between the two of you there is nothing left to learn "
    "about the {thing}.",
)
INTRODUCED = (
    "nice to meet you, I would like to hear how you use the {thing}, may I ask a few things?",
    "hello, I have followed your posts for a while and had {number} questions about the {thing}.",
)
INTRODUCED_BACK = (
    "Gladly, ask away. I have had the {thing} for {number} months now.",
    "Hello! Come to our next meeting, then I can show you the {thing}.",
)
MORNINGS = (
    "Good morning everybody, the workshop is open and the coffee is hot.",
    "Hello all, we are back at the desk.",
)
BOT_POSTS = (
    "Sky report: {number} percent cloud tonight, wind from the west.",
    "Moon phase today: {number} percent lit.",
)
BOT_REPLIES = (
    "I am a bot. This thread will be in the weekly digest, issue {number}.",
    "Unit check by a bot: {number} mm are about {number} hundredths of a decimetre.",
)
CALL_FOR_HELP = "Maybe @{a} knows more about this than I do."


def _thanks(name: str) -> tuple[str, ...]:
    return tuple(
        pattern.format(name=name)
        for tongue in TONGUES.values()
        for pattern in (*tongue.thanks, *tongue.thanks_by_name)
    )


COLLEAGUES = ("Zoe", "Marco", "Lena", "Tom", "Priya", "Ines", "Jonas", "Amira")

# Every text of a message that is nothing but thanks or a good-bye, handles in front left out.
THANKS: tuple[str, ...] = tuple(
    dict.fromkeys(text for name in COLLEAGUES for text in _thanks(name))
)


def matter(dice: Dice, language: str) -> Matter:
    """Something to talk about in this language."""
    topic = dice.pick(TONGUES[language].topics)
    return Matter(language, topic, dice.pick(topic.things), dice.pick(topic.symptoms))


def answer(dice: Dice, about: Matter, name: str, *, is_late: bool = False) -> str:
    """A personal answer: the person's name and words, then what to do about exactly that."""
    tongue = TONGUES[about.language]
    greetings = tongue.late_greetings if is_late else tongue.greetings
    parts = [about.say(dice, greetings, name), about.say(dice, tongue.references, name)]
    parts.append(_sentence(about.say(dice, about.topic.advice, name)))
    if dice.chance(0.85):
        parts.append(about.say(dice, tongue.steps, name))
    if dice.chance(0.85):
        parts.append(about.say(dice, tongue.closings, name))
    return " ".join(parts)


def peer_advice(dice: Dice, about: Matter, name: str) -> str:
    """What another user advises."""
    tongue = TONGUES[about.language]
    opening = about.say(dice, tongue.peer_openings, name)
    is_general = about.topic.is_ours_to_solve or dice.chance(0.3)
    advice = about.say(dice, tongue.peer_advice if is_general else about.topic.advice)
    closing = f" {about.say(dice, tongue.peer_closings, name)}" if dice.chance(0.6) else ""
    return f"{opening} {advice}.{closing}"


def thanks(dice: Dice, language: str, name: str | None) -> str:
    """Nothing but thanks, now and then by name."""
    tongue = TONGUES[language]
    if name in COLLEAGUES and dice.chance(0.35):
        return dice.pick(tongue.thanks_by_name).format(name=name)
    return dice.pick(tongue.thanks)


def canned(dice: Dice, about: Matter, name: str) -> tuple[str, str]:
    """A template's name and its text, filled in."""
    templates = [each for each, (language, _) in TEMPLATES.items() if language == about.language]
    template = dice.pick(templates)
    return template, about.say(dice, (TEMPLATES[template][1],), name)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
