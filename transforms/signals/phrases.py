"""Phrases by which the words of a text are told, as regular expressions over plain words.

Alternatives stand one or several a line; an indented line goes on with the one before. A text is
plain as `transforms.signals.words` makes it: lower case, single blanks, `|` where a sentence or a
clause ends, `?` where something is asked.

They come from general knowledge of English, Spanish and German, some of French, Portuguese and
Italian, and from the lines of `tests/labelled/words.tsv`; how well they do: docs/signals.md.
"""

from __future__ import annotations

LINK, EMAIL, HANDLE = "\ue000", "\ue001", "\ue002"

# A message is nothing but thanks if each of its few words is one of these, or a name of ours, and
# at least one is among the first.
THANKS = """
thanks thank thx ty cheers appreciated gracias danke dank merci obrigado obrigada grazie
bye goodbye adiós tschüss perfect perfecto perfekt great awesome wonderful brilliant lovely
genial super solved
"""
AROUND = """
a lot so much very again everyone everybody all you your for the help that it is was this quick
fast reply answer really many and oh ok okay yes now guys team me to of too works worked working
fine helped good have nice day evening weekend one see soon understood got
muchas muchísimas mil de nuevo por la ayuda respuesta rápida todo ya a ti
vielen schön dir euch ihnen für die das hilfe antwort sehr nochmal alles klar passt
"""
THANKS_AT_MOST = 8  # words
NAME_AT_MOST = 2  # words beside the thanks that may be a name of ours
GREETINGS = """
hi hello hey dear greetings hola buenas buenos hallo moin servus guten bonjour salut ciao olá
"""

_SOMEBODY = "(any|some)(one|body)"
QUESTION_LEAD = (
    "((hi|hello|hey|sorry|please|and|but|so|also|just|ok|okay|well|oh|now|then|or|btw|actually"
    "|there"
    "|all|everyone|everybody|folks|guys|team|good (morning|evening|afternoon)|excuse me|by the way"
    "|hola|buenas|y|e|pero|entonces|bueno|oye|perdona|disculpa|una pregunta"
    "|hallo|moin|servus|zusammen|guten (tag|morgen|abend)|und|aber|oder|na|denn|also"
    "|kurze frage) )*"
)

# Openings that ask without a mark: one a line, and enough words that no statement begins so.
ASKING = f"""
how (do|does|did|can|could|long|much|many|come|would|should|is|are|often|far|big|old|fast|heavy)
how (tall|wide|hot|warm|soon|well|exactly|about|will|were|has|have|might|am i|else|likely|safe)
what('s|s)? (is|are|do|does|did|should|would|can|could|kind|time|happens|was|were|will|about|if)
what (has|have|size|version|model|type|sort|colou?r|cable|causes|makes|else|exactly|settings?|am i)
(what's|whats|where's|wheres|who's|how's|when's|why's)
where (is|are|do|does|did|can|could|to|should|would|was|were|will|else|exactly|has|have)
why (is|are|do|does|did|can|can't|could|would|won't|doesn't|don't|isn't|was|were|has|have|should)
why (am|didn't|aren't|wasn't|haven't|hasn't|couldn't|will|must)
when (will|is|are|does|do|did|can|would|should) (the|it|you|we|i|this|that|there|my|your|they|new)
who (is|can|do|does|knows|has|would|should|else|makes|sells|repairs|will|did|are)|whose (is|are)
which (one|of|is|are|do|would|should|does|did)|which [a-z]+ (is|are|do|does|should|would|can|fits)
(can|could|would|will) (you|i|we|it|this|they|he|she|these|those|{_SOMEBODY})
(does|did|has|have|is|are) ({_SOMEBODY}|there|you|this|the|that|it)
(is|are|was|were|does|did|has|will|would) (my|your|our|these|those|they|he|she|we|i|anything)
(do|don't|doesn't|didn't|isn't|aren't|won't|can't|couldn't|wouldn't|shouldn't) (you|it|this|that
    |they)
do (i|we|any)|should (i|we|it|this|they)|must (i|we)|am i
(i would|i'd) (love|like) to know|would you mind
(i|we) (need|want) to (know|ask)|(i'm|i am|just|was|we're|we are)* ?curious (if|whether|how|why
    |what)
(me gustaría|quería|quisiera|querría|necesito|necesitaría) (saber|preguntar)|(esto|eso) se puede
(tenéis|tienes|tienen) [a-zñáéíóú]+
hat (schon|schon mal|irgend)? ?jemand|mich würde interessieren|mich interessiert (ob|wie|was|wann)
ich würde gern(e)? wissen|(ich )?(wüsste|möchte|wollte) (gern(e)?|mal)( mal)? (wissen|fragen|ob|wie)
{_SOMEBODY} (know|knows|else|here|seen|tried|can|have|has|got|able|using|who|with|had|having)
any (idea|ideas|tips|chance|news|advice|update|updates|recommendations?|suggestions?|thoughts)
any (word|plans|reason|alternatives?|experience|clue|pointers|help (on|with)|way to|hope of)
(was |am |were |are |just |i |we |i'm |we're |still |been )*wondering (if|whether|how|why|what|when)
(i |just )*wondering (where|which|who|about)|i wonder (if|whether|how|why|what|when|where|which)
(quick|another|one( more)?|stupid|dumb|silly|general|beginner('s)?) question|question (for|about)
(please )?(tell|explain to|advise) me (how|why|what|when|where|whether|if|which)
(alguien|algún|alguno) (sabe|puede|tiene|más|conoce|ha|me|que|lo|podría|usa|tendría|sabría)
(cómo|cuándo|dónde|adónde|quién|cuál|cuáles|cuánto|cuánta|cuántos|cuántas|por qué|para qué)
(qué|que) (puedo|hago|debo|tengo que|significa|pasa|modelo|tipo)
qué (es|hay|hacer|opináis|opinas|recomendáis|recomiendas|cable|versión|tamaño|diferencia|ocurre|se)
como (puedo|se (puede|hace|limpia|cambia|instala)|hago)|cuanto (cuesta|vale|tarda|dura)
donde (puedo|se puede|encuentro|compro)|cual (es|sería)|cuando (abrís|tendréis|podré|estará)
(hay alguna|hay algún|hay alguien|habrá algun[ao]?|existe algun[ao]?|se puede|se podría
    |sería posible)
(me podéis|me puedes|me puede|me pueden|me podría|me podrías|me podríais|nos podéis|nos puede)
(podéis|puedes|podrías|podríais|podrían|sabéis|sabes|sabe alguien|puedo|debo|debería)
(una|otra|tengo una|tenía una|mi) (pregunta|duda|consulta)
(weiß|kennt|hat|kann|könnte|hätte) (jemand|wer|einer|man|mir|ihr|du)
(kann|könnt|könnte|könnten|können|darf|muss|soll|sollte) (man|ich|wir|ihr|du|sie|mir)
(habt|seid|wisst|kennt|wollt|könnt|würdet|macht|bietet|verkauft|liefert|repariert) ihr
(hast|bist|weißt|kennst|willst|kannst|würdest) du|(haben|wissen|bieten|könnten|würden) sie
wie (kann|könn|lange|viel|oft|stell|geht|mach|bekomm|komm|soll|muss|werd|finde)[a-zäöü]*
wie (hoch|groß|schwer|weit|genau|teuer|alt|warm|funktionier|reinig|installier|öffn|wechs
    |lösch)[a-zäöü]*
wie (setz|richt|ist|sind|war|wird|habt|hast|heißt|sieht|krieg|schalt|lad|bring|verbind)[a-zäöü]*
wo (finde|ist|sind|kann|gibt|bekomme|liegt|krieg|kauf|steht|sitzt|war|soll|muss|habt
    |bleibt)[a-zäöü]*
(warum|wieso|weshalb|woran|wozu|womit|wofür|woher|worin|inwiefern) [a-zäöü]+
wann (ist|sind|kommt|kommen|wird|gibt|kann|geht|habt|öffnet|bekomme|soll|beginnt|startet|macht)
wer (kann|weiß|kennt|ist|repariert|verkauft|hat (das|so|schon|einen|eine|ein|noch|es|die|den))
was (ist|sind|kann|mache|muss|soll|tun|kostet|bedeutet|habt|hast|haltet|meint|passiert|heißt|würdet)
(gibt|geht) es|gibt's|geht das|passt das|lohnt (sich|es sich)|funktioniert das|braucht man
(welche|welcher|welches|welchen) [a-zäöü]+
(eine|hab(e)? (mal )?(eine|ne)|noch eine) frage
(hat )?jemand (eine idee|hier|schon|erfahrung|erfahrungen|einen tipp|tipps|eine ahnung)
"""
# What asks wherever in a sentence it stands.
ASKING_ANYWHERE = f"""
(can|could|does|do|has|would|will) {_SOMEBODY} (know|help|tell|explain|recommend|point|confirm|have)
(could|can|would) you (please|tell me|explain|recommend|let me know|confirm|help|have a look|advise)
alguien (sabe|me puede|podría|puede decirme|conoce)|(weiß|kennt|kann mir|könnte mir) (jemand|einer)
(me|nos) (podéis|puedes|podríais|podrías|podría|podrían|pueden) (decir|ayudar|explicar|confirmar
    |mandar)
(könnt|könntet|kannst|könntest|können|könnten) (ihr|du|sie) (mir|uns|bitte|mal)
"""
# Sentences with a mark that want no answer.
RHETORICAL = """
who (cares|knew)|really|seriously|(you )?know what|guess what|why not|what else
what could possibly go wrong|how cool is that|isn't that great|what's not to (like|love)
quién sabe|de verdad|en serio|qué más se puede pedir|echt|wirklich|wer weiß|was will man mehr
"""
THANKING = """
(thanks|thanx|thx|tks|tysm|cheers|thank (you|u)|much appreciated|(can't|cannot|can not) thank)
(am|are|we're|i'm)( so| very)? grateful|appreciate (it|that|your|you|the|this)
gracias|lo agradezco|(te|os|se|les|le) agradecemos|agradecid[oa]s?|se agradece
danke(schön)?|(vielen|herzlichen|besten|tausend) dank|bedanke mich|bedanken uns
merci|je vous remercie|obrigad[oa]|grazie
"""
NO_THANKS = r"""
no (thanks|thank you|gracias)|nein danke|non merci|(thanks|gracias) (for nothing|por nada)
danke für nichts|(a|any) thank you|(said|say|saying) thanks|thanks (but no|no) thanks
thanks (a lot )?for (breaking|ruining|ignoring|wasting|losing|the wasted)|thankless
(not|never|without) (a|one|so much as a) (thanks|thank you)|gracias (a dios|por (ignorar
    |hacerme perder))
"""
APOLOGY = r"""
so sorry|sorry (für|dass|wegen|por)|apologies|(we|i) (deeply |sincerely |very much )?regret
bedauer(e|n) (das|den|die|sehr|es|dies|diese[rsn]?|zutiefst|wir|ich|\|)
((we're|we are|i'm|i am|so|very|really|terribly) )?sorry (for|about|that|to hear|this|it|i|we)
sorry (you|your|the|there|if|again|everyone|everybody|all|folks|my|our|once more|to (keep|have
    |make))
sorry \||(i am|i'm|we are|we're)( [a-z]+){0,2} sorry
(we|i)( do| must| want to| would like to| can only| sincerely| really| also)* apologi[sz]e
(want|like|need|have) to apologi[sz]e|((my|our|sincere|an|full) )apolog(y|ies)
(forgive|excuse) (the|us|me|our|my)|(that|it|this) (was|is) (all |entirely |completely )?(our
    |my) (mistake|fault|error|doing)
(my|our) (bad|mistake|fault|oversight)|(on|from) (our|my) (part|side|end) and we
(oversight|mistake|error|failure|slip) on (our|my) (part|side|end)|mea culpa|no excuse(s)? for
(we|i) (got (it|that|this) wrong|messed (this |that |it )?up|screwed (this |that |it )?up
    |let you down)
(we|i) (dropped the ball|stand corrected|owe you)|(that's|that is|this is|this one is) on (us|me)
(we|i) should(n't| not)? have (told|answered|replied|checked|warned|noticed|caught|written|let|sent
    |said)
(should not|shouldn't|should never|must not) have happened|pardon (me|us|the)|beg your pardon
perd[oó]n(a|ad|e|en)?( (por|que|la|el|las|los|a todos|de nuevo|por haber))?|perdon(a|ad|e|en|adnos
    |anos)
disculp(a|ad|e|en|as|adnos|anos|enos)|lo (siento|sentimos)|lament(o|amos)
(siento|sentimos) (mucho|muchísimo|la|las|el|los|no haber|haber|que|de veras|de verdad)|mil perdones
(fue|ha sido|es) (todo )?(culpa|error|fallo|un error|un fallo|un despiste) (mía|mío|nuestra|nuestro)
(culpa|error|fallo|despiste) (mía|mío|nuestra|nuestro|nuestra parte)|nos sabe (muy )?mal
    |me sabe (muy )?mal
no (debería|debió|tendría que) haber (pasado|ocurrido)|(me|nos) (he|hemos) equivocado
tut (mir|uns)( [a-zäöüß]+){0,3} leid|leid tut (mir|uns|es)
entschuldig(e|t|en|ung)|verzeih(t|ung|en sie)?|(mein|unser|mein eigener) (fehler|versehen)
(hätte|hätten|darf|durfte)( [a-zäöü]+){0,3} nicht (passieren|vorkommen)( dürfen)?
    |nicht passieren dürfen
(ist|war) (mir|uns) ein (fehler|versehen|missgeschick)|(geht|nehme[n]?|nehmen wir) auf (unsere
    |meine) kappe
(bitte[n]?|bitten wir) (um|vielmals um)( [a-z]+)? (nachsicht|entschuldigung|verzeihung)
((toutes )?(nos|mes) excuses|désolée?s?|navrée?s?|pardonnez|excusez|veuillez (nous )?excuser)
(desculp(a|e|em|as)|sinto muito|sentimos muito|lamentamos|(mi|ci) dispiace|scus(a|ate|i|iamo)|(ci
    |mi) scus(iamo|o))
"""
NO_APOLOGY = r"""
(feel|felt|feeling|feels) (so |very |a bit |really )?sorry for|sorry (state|sight|excuse|mess|story)
(than|not|never|nobody said|say|said|says|saying) sorry|sorry \| (but|no|not|what|i (still|disagree
    |don't|can't|do not))
sorry (but|not sorry)|sorry to (say|disagree)|(never|no|without|any|an) (an )?apolog(y|ies) (from
    |came|was|so far)
(no|sin) lo siento|(me )?siento (que (el|la|los|las|es|está))|es gibt keine entschuldigung
    |keine entschuldigung
"""

_WILL = (
    "(i|we)('ll| will| shall|('m|'re| am| are) (going to|gonna)| can| plan to| intend to"
    "| promise to"
    "| aim to| hope to)( (now|then|also|both|personally|certainly|definitely|gladly|happily"
    "|of course"
    "|try to|do our best to|be sure to|see if we can|see what we can|have to|make sure to|soon"
    "|first))*"
)
_DO = (
    "(look|check|ask|find|send (you|it|one|a|an|the|out|over|somebody|someone)|let you|let us|let"
    "|keep (you|this|an eye)|get (back|it|this|that|in touch|you|to the|one|the|our"
    "|onto"
    "|someone|somebody|a|an)|come back|come by|come to you|follow|update|fix|investigate|forward"
    "|call"
    "|ring|phone|write|report|reply|answer|respond|contact|take care|take (it|this|that|a look|up)"
    "|make sure|sort|pass|talk|speak|discuss|bring|replace|refund|credit|reimburse|ship|repair|mend"
    "|correct|remove|escalate|raise|dig|chase|try|reach|e-?mail|mail|message|do (our|my) best"
    "|figure"
    "|confirm|arrange|organi[sz]e|schedule|process|review|test|share|tell you|inform|notify|post"
    "|announce|publish|provide|give you|give it|help|work|see (what|to it|if|whether)|put (it|this"
    "|you"
    "|that|one|things)|add (it|this|that|the|a|an|your)|change (it|this|that|the)|have (an answer"
    "|it"
    "|that|news|someone|somebody|this|a (look|new|reply|fix|word))|be (in touch|back|with you"
    "|looking"
    "|sending|working|fixing|adding|following|sharing|posting|there for)|swap|exchange|adjust|sort)"
)
_OURS = (
    "(team|colleagues?|somebody|someone|specialist|technicians?|engineers?|department|support"
    "|manager"
    "|expert|workshop|staff|developers?|people|folks)"
)
PROMISE = rf"""
{_WILL} {_DO}
{_OURS}( [a-z]+)?( [a-z]+)? (will|is going to|are going to|'ll) {_DO}
[a-z]+ will (get back|be in touch|call you|contact you|reach out|e-?mail you|write to you
    |answer you)
[a-z]+ will (reply to you|let you know|look into|follow up|keep you|take care of|sort (it|this
    |that))
will( all| soon| now)? be (fixed|resolved|sorted|corrected|refunded|replaced|repaired|answered
    |solved)
(and|will) (get|come|circle|report) back (to|with)|get back to you|be in touch
(you'll|you will|you are going to|you should) (hear|be hearing|be contacted|be notified|be refunded)
(you'll|you will|you should) (get|receive|have)( [a-z]+){{0,2}} (reply|answer|response|refund
    |replacement|call|mail|e-?mail|message|update|confirmation|news|credit|solution)
(expect|await) (a|an|our|my|news)( [a-z]+)? ?(call|answer|reply|mail|email|update|response|message
    |from)?
(we're|we are|i'm|i am|team is|they're|they are|currently|already|now|actively) (looking into
    |working on|investigating|checking|on it|chasing|sorting|on the case|following up)
let me (check|ask|look|find out|see|get|dig|talk|speak|confirm|forward|chase|double|take a look)
leave (it|this|that) (with|to) (me|us)|keep you (posted|updated|informed)|bear with (me|us)
give (me|us) (a|an|one|two|until|till|some)( few| couple of)? ?(moment|minutes?|hours?|days?|time
    |monday|tomorrow|tonight)?
as soon as (we|i) (know|have|hear|get|find|can)|once (we|i) (know|have|hear|find out|get)
(i|we) promise|(my|our) word on it|(it's|it is|this is|that's|is now) on (my|our) (list|desk
    |to-do list|roadmap)
(more|news|details|an update|updates) (will follow|to follow|to come|coming)|will follow (up|soon
    |shortly)
(te|os|le|les|se lo|se la)( (lo|la|los|las))? [a-zñ]+r(é|emos)
(te|os|le|les) (respond|contest|avis|llam|escrib|envi|mand|inform|contact|dar|dir|ayud|devolver
    |confirmar)[a-z]*(é|emos|á|án)
(te|os|le|les) (decimos|avisamos|digo|cuento|mando|escribo|llamo|aviso|contamos|confirmo
    |confirmamos|informamos|mantenemos|mantengo|contesto|contestamos|respondemos|respondo)
(te|os|se) (lo|la|los|las) (enviamos|mandamos|envío|mando|cambiamos|cambio|arreglamos|arreglo
    |confirmo|confirmamos|miro|miramos|busco|buscamos|gestiono|gestionamos|digo|decimos)
(mañana|hoy|luego|esta tarde|enseguida|ahora) (te|os|le|les|lo|la) (digo|decimos|llamo|llamamos
    |miro|miramos|escribo|escribimos|mando|mandamos|envío|enviamos|cuento|reviso)
lo (miramos|miro|revisamos|reviso|consulto|consultamos|compruebo|comprobamos|vemos|investigo
    |investigamos|arreglamos|solucionamos|gestionamos|estudiamos|hablo|pregunto|preguntamos|busco)
(voy|vamos) a (revis|mir|pregunt|consult|comprob|envi|mand|habl|investig|arregl|solucion|cambi
    |respond|llam|escrib|intent|busc|hac|v|ayud|gestion|pas|devolv|reembols)(ar|er|ir)(lo|la|los
    |las|te|os|le|les|nos|selo|telo)?
(nos|me) (pondremos|ponemos|pondré|pongo) (en contacto|con (ello|esto|eso))
    |se pondrá[n]? en contacto
[a-z]*(contact|respond|contest|revis|investig|solucion|inform|avis|mir|hablar|pondr|arreglar
    |estudiar)[a-zá]*(aremos|eremos|iremos|dremos)
(estamos|estoy) (revisando|mirando|investigando|trabajando|en ello|comprobando|gestionando|buscando
    |solucionando)
en cuanto (sepa|sepamos|tenga|tengamos|llegue|pueda|podamos)|(tendrás|tendréis|recibirás
    |recibiréis) (noticias|respuesta|una|un|el|la|tu|más)
(prometo|prometemos|dame|danos) (un|una|unos|unas|hasta|que|hacer)|haremos (todo )?lo posible
(du hörst|ihr hört|sie hören|hörst du|hören sie|hört ihr)( [a-zäöü]+){{0,2}} von (uns|mir|unserem
    |unserer|unseren)
(ich werde|wir werden|werde ich|werden wir) (dir|euch|ihnen|das|es|uns|mich|dein|deine|deinen|ihre
    |ihren|eure|den|die|dem|der|dies|sofort|umgehend|alles|versuchen)
meld(e|en) (mich|uns)|(ich|wir) (mich|uns)( [a-zäöü]+){{0,3}} meld(e|en)
(team|kollege|kollegin|techniker|technikerin|jemand|werkstatt|kundendienst|support|abteilung
    |kollegen)( [a-zäöü]+){{0,3}} (meldet|melden|kümmert|kümmern|prüft|prüfen|schaut|schauen|ruft
    |antwortet|schreibt)
(meldet|melden) sich( [a-zäöü]+){{0,3}} (bei|mit)
(ich|wir) (schau|seh|prüf|frag|klär|check|guck|send|schick|ruf|reparier|tausch|ersetz|erstatt|leit
    |untersuch|bearbeit|reich|such|beheb|besprech)(e|en)? (mir|uns|das|es|nach|bei|dort|dir|euch
    |ihnen|gleich|sofort|den|die|morgen|heute|alles|umgehend|dein|deinen|deine)
(schau|seh|prüf|frag|klär|check|send|schick|ruf|meld|kümmer|tausch|ersetz|erstatt|leit|geb|such|sag
    |beheb|les)(e|en)? (ich|wir) (mir|uns|das|es|nach|dir|euch|ihnen|mich|gleich|sofort|den|die
    |dich|sie)
(gebe?n?|sage?n?) (dir|euch|ihnen|wir|ich)( [a-zäöü]+){{0,3}} bescheid|kümmer(e|n) (mich|uns
    |ich mich|wir uns)
sobald (ich|wir) (mehr|etwas|was|es|das|neues|neuigkeiten|die|den|wissen|weiß)|auf dem laufenden
(bekommst|erhältst|erhalten|bekommt|bekommen|kriegst)( (du|ihr|sie))?( [a-zäöü]+){{0,3}} (bescheid
    |antwort|ersatz|rückmeldung|nachricht|gutschrift)
wird (sofort |gleich |umgehend |noch heute )?(erledigt|gemacht|behoben|repariert|ersetzt|geprüft
    |ausgetauscht|erstattet)
(wir|ich) arbeite(n)? (schon |bereits )?dar(an|in)|(sind|bin) (schon |bereits )?dran|(gib|gebt
    |geben sie) (mir|uns) (einen|eine|ein|bis|zwei|noch|etwas)
"""
NO_PROMISE = r"""
(never|nobody|no one|not) (get|got|come|came|will get) back|(i|we) can (see|confirm) that
(if|unless|until|because|that|when|whether|why) (you|they|nobody|he|she) will
"""

_FORM = (
    "(contact|support|help|service|enquiry|feedback|return|returns|web)( and [a-z]+)?"
    " (form|page|pages|portal|desk|cent(er|re)|line|section|chat|site|address|number)"
)
DEFLECTION = rf"""
(via|by|per|in|por|über|through|over|als) (eine )?(dms?|pms?|pn|pns|mds?|privado|direktnachricht
    |private message|direct message|privatnachricht|whatsapp|messenger|mensaje (privado|directo))
((use|on|via|through|over) (the|our)|our) (live chat|chat|hotline|helpline|phone line|switchboard
    |service desk)
unsere[nrm]? (hotline|kundenbetreuung|kundenservice|servicenummer|telefonnummer)
(shoot|drop|pop|send|give|fire off) (us|me)( over)? (a|an)( (quick|short|direct
    |private))? (e?-?mail|mail|message|dm|pm|line|note|ring|call|bell|shout)
(dm|pm|e-?mail|message|phone|text|ping|ring) (us|me)|your (dms?|pms?|inbox)|(our|my) (dms|pms
    |inbox) (are|is) open|slide into
(send|drop|shoot) (us|me) an? ((direct|private) message|dm|pm|e-?mail|mail)
(send|write|tell|share|provide|forward|post)( (us|me|it|this|that|them|your|the|a|some|more|any
    |over))*( [a-z]+){{0,5}} (via|by|in|per|through|over|as) (a )?(dm|dms|pm|direct message
    |private message|e-?mail|private|the chat|our chat)
(write|mail|e-?mail|schreib[a-z]*|escr[a-zí]*|correo|nachricht|mail an)( [a-zäöüáéíóú]+)* {EMAIL}
(to|at|via|under|unter|an|a|al|en|is|on|über|contact|with) {EMAIL}
(write to|contact|call|ring|reach out to|get in touch with|speak to|talk to|turn to|message|phone
    |e-?mail) (our|us|the|your)( [a-z]+)? (customer|service|support|dealer|seller|retailer|reseller
    |shop|carrier|helpdesk|help desk|bank|store|office|sales|warranty|repair|billing|hotline
    |returns)
(write to|contact|reach) us( (at|via|by|on|directly|through|privately|here))?|get in touch with us
    |reach out to us
please (call|phone|ring|e-?mail|contact|dm|pm|message|write to|get in touch|reach out|refer to
    |consult)
(call|ring|phone) (us|our|the (hotline|helpline|office|support|service))
(customer|technical|tech) (service|support|care)( team| department)? (can|is|are|at|will be able)
(our|the) (support|service|sales|billing|warranty|returns|accounts)( team| department| desk
    | colleagues)? (can|is able|are able|will be able|would be|handles?|deals?|is the right)
your (local|nearest|nearby) (dealer|shop|store|branch|retailer)|{HANDLE} (can|will) help
(ask|post|join|try|go to|come to)( [a-z]+){{0,4}} (our|the) (forum|discord|community|slack
    |subreddit)
fill (in|out|up) (the|our|this|a)( [a-z]+)? ?(web )?form|(our|the|a|this) {_FORM}
(open|raise|submit|file|create|log|lodge) (an?|your)( [a-z]+)? ?(ticket|case|request|issue|claim
    |complaint)
(our|the) (faqs?|help (pages?|cent(er|re)|section|site)|knowledge base|support (pages?|site|cent(er
    |re)|portal))
(see|check|read|visit|consult|go to|head to|head over to|look at|have a look at|take a look at
    |refer to) (our|the) (website|site|homepage|documentation|docs|terms|guide|faqs?|help|support)
(sort|discuss|talk|continue|handle|solve|look at|take|move|settle)( [a-z]+){{0,5}} (privately
    |in private|offline|off-?line|to private)
(can't|cannot|can not|unable to|not able to)( [a-z]+){{0,4}} (here|publicly|in public
    |on this (channel|platform|page)|over (mastodon|twitter|social media))
(this|here) (is not|isn't) the (right |best )?(place|channel)
(escríbe|escríba|llám[ae]|háble?|consúlt[ae]|contáct[ae]|contact[ae])(nos|me)
(escríbe|escríba|escribid|escriban|mánda|mánde|manda|mandad|envía|envíe|enviad|envíen|pása|páse
    |pasad|déja|déje|dejad|cuénta|cuéntan|hazn|hága)(nos|os|me|noslo|nosla|melo|melos
    |lo)?( [a-zñáéíóú]+)* (privado|correo|directo|md|dm|email|mail|interno|formulario|whatsapp
    |teléfono)
(puedes|podéis|puede|pueden|puedas|debes|debe) (escribir|llamar|contactar|dirigir
    |consultar)(nos|me|te|se|le|lo)?
(contact(a|e|ar|en|ad|o|ando)|ponte en contacto|pón(gase|ganse) en contacto|poneos en contacto) con
(rellena|rellene|rellenad|cumplimenta|cumplimente|completa|complete|usa|use|utiliza|utilice) (el
    |este|nuestro|un) (formulario|chat|buzón)
(abre|abra|abrid|crea|cree|cread) (un|una) (ticket|incidencia|caso|consulta|solicitud)
    |preguntas frecuentes
(llama|llame|llamad|dirígete|diríjase|dirigíos|acude|acuda) (al?|a la|a nuestro|a nuestra)
(nuestro|el) (servicio|departamento) de (atención|soporte|ventas|facturación)( [a-zé]+){{0,3}} (te
    |os|le|puede)
(an|bei) (deinen|deinem|ihren|ihrem|euren|eurem|einen|einem) (fach)?händler|frag(t|en sie)? (in
    |im) unserem?
nuestra (página|web|sección) de (ayuda|soporte|contacto)|(página|sección|formulario) de (contacto
    |ayuda|soporte)
(schreib|schreibe|schreibt|schreiben sie|schick|schicke|schickt|schicken sie|sende|sendet
    |senden sie) (uns|mir)( [a-zäöüß]+){{0,5}} (direktnachricht|privatnachricht|pn|dm|e-?mail|mail
    |whatsapp|nachricht|private nachricht)
(schreib|schreibe|schreibt|schreiben sie|schick|schicke|schickt|schicken sie|mail|maile
    |mailt)( [a-zäöüß]+){{0,3}} an (unser|den|die|das)[a-z]*
wend(e|et|en)? (dich|euch|sie sich)( [a-zäöü]+){{0,3}} (an|ans) ?(unser|den|die|das|ihren
    |deinen)?[a-z]*
(ruf|ruft|rufe|rufen sie)( [a-zäöüß]+){{0,4}} (uns|hotline|kundendienst|service|support
    |kundenservice|unter)
(meld|melde|meldet|melden sie) (dich|euch|sich)( bitte)?( [a-zäöü]+){{0,2}} (bei unser|beim|per
    |unter|über|telefonisch|direkt bei)[a-z]*
(nutz|nutze|nutzt|nutzen sie|benutz|verwende|verwenden sie|füll|fülle|füllt
    |füllen sie)( [a-zäöüß]+){{0,4}} (formular|kontaktformular|chat|hotline|ticketsystem|portal
    |supportformular|rücksendeformular)
(unser|unsere|unserem|unseren|unserer|das|dem|die|den) (kontaktformular|faqs?|hilfeseiten?
    |hilfe-?center|supportseite|kundenportal|hilfebereich|support-?portal)
(bitte|uns|mir|gern|gerne)( [a-zäöüß]+){{0,5}} per (e-?mail|mail|telefon|whatsapp|direktnachricht
    |pn|dm|privatnachricht)
(erstell|erstelle|erstellt|eröffne|eröffnet|öffne|öffnen sie|erstellen sie
    |eröffnen sie) (bitte )?(ein|eine|einen) (ticket|anfrage|fall|supportanfrage)
"""
NO_DEFLECTION = r"""
(i|we|they|he|she|you|nobody|who|never|to) (e-?mail|e-?mailed|messaged|phoned|dmed|called|contacted
    |rang|texted)
(i|we|they|he|she) (will|'ll|can|could|would|shall) (e-?mail|message|phone|dm|text|ping|ring|call
    |contact)
(answered|answer|reply|replied|ignored|ignore|read|reads|seen|waiting) (in |to |for )?(my
    |your) (dms?|pms?|inbox)
"""

_SEASON = (
    "(black friday|cyber monday|christmas|xmas|easter|holiday|anniversary|clearance|summer|winter"
    "|spring|autumn|fall|flash|big|weekend|end of season|new year|garden|launch|special"
    "|valentine's)"
)
CALL = rf"""
(buy|order|shop|book|pre-order|preorder|register|subscribe|join|reserve|sign up|download|enrol
    |enroll)( it| yours| your [a-z]+| online)? (now|today|here|early|before)
buy (one|two|three)|shop (the|our) [a-z]+|(get|order|buy|claim|reserve|grab) yours|grab (yours|it
    |one|your|a|the)
(claim|secure|reserve|book|pre-?order|order|save) your( [a-z]+){{0,3}} (now|today|here|before|while
    |seat|spot|place|copy|ticket|tickets|discount)
sign up (now|today|for|to (our|the|get|receive))|link in (the |our |my )?(bio|profile|comments)
    |use( the| my| our)? code|(miss|missing) (out|our)
(don't|do not|never) miss (out|our|this (offer|deal|chance|sale)|it|the (sale|deal|offer|chance))
    |(promo|promotional|discount|voucher|coupon) codes?|(with|enter) (the )?code|at (the )?checkout
limited (time|offer|edition|stock|number|places|seats|spots|quantities|period)|only( just)? (a few
    |[0-9]+) (left|remaining|places|seats|spots|pieces)|while (stocks?|supplies|they) lasts?
    |special offers?
free (shipping|delivery|trial|gift|sample|postage|upgrade|with every|for every)|{_SEASON} (sale
    |deals?|offers?|discounts?|specials?|bundles?|savings|prices)
(sale|offer|deal|discount) (starts|ends|is (on|live|here|back)|now on|continues|runs|expires|valid
    |only)
(deals|offers) (are|is) (live|on|back|here)|last (chance|call|few|days?)|back in stock|tap the link
    |win (a|an|one|your|this|these|tickets|free)
(now|finally|just|again|already) (available|in stock|on sale|in our (shop|store)|out now)
    |available now|out now|now available|on sale (now|today|until|this|from)|in (shops|stores) now
(deal|offer|product) of the (day|week|month)|(best|hot|daily|weekly|exclusive|unbeatable|great
    |amazing|special) (deals?|discounts?|bargains?|price[s]?)|half price|bargain(s)? (at|of|on|from)
(save|savings of|discounts? of) (up to|big|[0-9$€£]+)( ?(%|percent|euros?|dollars?))?
    |up to [0-9]+ (percent|per cent) (off|less)|[0-9]+ (percent|per cent) (off|less|discount)
    |(percent|per cent) off
(visit|browse|new in|available in|find it in|only in|exclusively in) (our|the) (online )?(shop
    |webshop|store|range|catalogue)|ending soon|ends (today|tonight|tomorrow|soon|on|this
    |at midnight|sunday|monday|friday)|hurry
giveaway|prize draw|enter (to win|our|the draw|now)|competition time|tag (a|two|three
    |your) friends?|(follow us|like|share|retweet|boost) (and|to) (win|share|enter|follow|tag|get)
introductory (price|offer)|early[ -]bird|tickets (are )?(on sale|available|from|now)
    |introducing (the|our)|treat yourself|perfect gift|gift (idea|ideas|guide|vouchers?
    |cards?) (for|are|from|now)?
(subscribe|sign up|join) (to |for )?(our|the) (newsletter|mailing list|channel|list)
    |newsletter and (win|get|save)|upgrade (now|today|to (pro|premium|plus))|swipe up|(click
    |tap) (the link|here|below) (to|and) (order|buy|shop|book|register|join|save|get|grab)
bundle (deal|offer|price)|get one free|two for one|[0-9] for the price of|money[ -]back guarantee
    |try it (free|for free|now)|for free (today|now)|try [a-z0-9]+ (free|for free|today)
nur noch bis|[0-9] für [0-9]|[0-9] for [0-9]|rebajas|black friday|cyber monday
(today|this weekend|this week) only|only (today|this weekend|until|this week)|while stock lasts
(compra|cómpralo|cómprala|reserva|aprovecha|apúntate|regístrate|suscríbete|pide|pídelo|encarga
    |consigue|consíguelo|llévate|llévatelo|inscríbete|estrena|hazte con|descarga|participa) (ya
    |ahora|hoy|tu|tus|a|el tuyo|la tuya|aquí|antes|nuestr[oa]s?|un|una|la|las|los)
(aprovechad|suscribíos|apuntaos|comprad|reservad|pedid)|no te (lo|la|los|las) (pierdas
    |puedes perder)|no (te|os) (pierdas|perdáis) (la|el|las|los|nuestr[oa]s?|esta|este)
(enlace|link) en (la |nuestra )?(bio|biografía)|ofertas? (de (verano|invierno|navidad|primavera
    |otoño|lanzamiento|la semana|fin de semana)|especial(es)?|limitadas?|flash|exclusivas?|válidas?
    |hasta|termina|únicas?)|(solo|sólo) (hoy|esta semana|este fin de semana|hasta|por)
envíos? (gratis|gratuitos?)|gastos de envío (gratis|incluidos|gratuitos)|de descuento|con descuento
    |descuentos? (del?|en|hasta|exclusivos?|especial)|(usa|con) el código|código (de )?(descuento
    |promocional)|cup[oó]n(es)? de|últim[ao]s (unidades|plazas|horas|días)|plazas limitadas
(hasta )?(agotar|fin de) existencias|sorteo|gana (un|una|tu|este|esta)|mitad de precio|2x1|3x2
    |liquidación|precio (especial|de lanzamiento|rebajado)|ya (disponible|a la venta)|(novedad
    |novedades|nuevo|nueva) en (la|nuestra) (tienda|web)|visita nuestra (tienda|web)
jetzt( [a-zäöü]+){{0,4}} (bestellen|kaufen|anmelden|sichern|zugreifen|entdecken|registrieren|buchen
    |shoppen|testen|abonnieren|reservieren|sparen|vorbestellen|mitmachen|herunterladen|einkaufen)
(bestell|bestellt|bestellen sie|kauf|kauft|sicher|sichert|sichern sie|buch|bucht|hol|holt|abonnier
    |abonniert|abonniere|spar|spart|gewinn|gewinnt|gewinne)( dir| euch| ihnen)? (jetzt|heute
    |noch heute|gleich|einen|eine|ein|unseren|unser|bis zu|deinen platz|dein)
nur (heute|für kurze zeit|diese woche|dieses wochenende|solange|noch heute|noch wenige|bis (sonntag
    |montag|freitag|morgen|mitternacht))|sonderangebote?|angebot (der woche|des tages|gilt|endet
    |des monats)|aktionspreis|rabattaktion|gutscheincode|rabattcode|rabatte? (auf|bis|von|sichern
    |für|gibt)
[0-9]+ prozent (rabatt|auf|reduziert|günstiger|sparen)|link (in der bio|im profil)
    |versandkostenfrei|kostenlose[rn]? (versand|lieferung)|gratis (versand|dazu|testen)|(sommer
    |winter|schluss|räumungs|aus|oster|herbst|frühjahrs)(schluss)?(verkauf|sale|angebote?|rabatt)
    |schnäppchen|(zum )?halben? preis
solange (der )?vorrat reicht|frühbucher(preis|rabatt)?|gewinnspiel|wir verlosen|(neu|jetzt
    |ab sofort) (im|in unserem|bei uns im) (shop|sortiment|laden|online-?shop)
    |ab sofort (erhältlich|verfügbar|lieferbar|bestellbar)|jetzt (erhältlich|verfügbar|neu)
    |letzte chance|besuch(t|e|en sie)? unseren (shop|online-?shop|laden)|mit (dem )?code
(commandez|achetez|profitez|inscrivez-vous|réservez|découvrez) (maintenant|de|vite|dès|notre|nos
    |votre|vos)|ne manquez pas|livraison (gratuite|offerte)|code promo|offres? (spéciales?
    |limitées?|exclusives?)|jusqu'à épuisement|lien (dans la|en) bio
"""
NOT_CALLING = r"""
(wouldn't|would not|won't|will not|can't|cannot|never|didn't|don't) (buy|order|book|shop|subscribe)
(my|the|your|his|her|a) (discount|promo|voucher|coupon) codes? (is|was|does|did|do|has|won't
    |doesn't|didn't|not)
(i|we|he|she|they) (did|could|would|might|should|will|can|may|to|hope to|want to) win (a|an|one
    |your|this)
"""
# An imperative that leads to a link.
VISIT = (
    "(visit|shop|see|check out|discover|explore|order|book|join|register|subscribe|sign up|get|grab"
    f"|pre-?order|visita|descubre|reserva|compra|entdecke|bestelle|bestellen|besuche)( [^"
    f"|?]+)? {LINK}"
)
